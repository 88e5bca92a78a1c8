"""A month of a company's computers: what happens to them, what their agents say, and when it arrives."""
