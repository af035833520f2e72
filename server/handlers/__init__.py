"""What the hub does with each kind of event: functions of the hub and a session."""
