"""Each requirement of OWASP ASVS 5.0.0, with the test that proves it or the reason why none does."""
