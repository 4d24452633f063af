"""The tag of the canary's page."""

SONG = "canary"
