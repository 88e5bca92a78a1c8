"""One small file a detector: fits the arrays that the detector of the same name scores with."""
