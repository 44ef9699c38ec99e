"""Tests in a real browser, against the portal as it is really served."""
