"""A records-retention and e-discovery archiver for the social media of police departments."""

__version__ = "0.1.0"
