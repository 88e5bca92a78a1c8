"""The running agent: threads, pipeline, responder, health."""
