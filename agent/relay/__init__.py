"""The relay: a system service that takes alerts from the agents of all users and brings them on."""
