"""The mouse service: a system service that reads the kernel's mice and hands their movement to the session's agent."""
