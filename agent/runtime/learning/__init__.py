"""Learning the owner: what is recorded, whether it is enough, and the training that follows."""
