"""Campaign rules as documents: read, check and evaluate target campaigns, exactly and with reasons."""

__version__ = "0.1.0"
