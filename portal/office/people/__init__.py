"""The list of people as coordinators have it, and who of them waits for a therapist."""
