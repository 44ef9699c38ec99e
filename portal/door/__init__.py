"""The door: signing in, second factors, joining, devices, and the guard that every request passes."""
