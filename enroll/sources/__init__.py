"""Sources: recordings, sealed recordings and tables of events, which every command reads alike."""
