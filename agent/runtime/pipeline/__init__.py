"""From the ring of events to a reaction: intake, gate, session cache, protection, decision."""
