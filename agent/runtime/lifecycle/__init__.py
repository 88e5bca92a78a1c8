"""The life of the agent's process: heartbeat, resource budget, single instance, restart."""
