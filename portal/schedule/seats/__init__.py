"""Seats: what a participant cannot come to, and what they may come to instead."""
