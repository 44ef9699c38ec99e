"""The words for contact details."""

NAMES = {  # column of ContactDetails: its name for whoever reads it
    "phone": "Phone",
    "may_leave_message": "A message may be left",
    "emergency_name": "Emergency contact",
    "emergency_phone": "Phone of the emergency contact",
    "emergency_tie": "How you know each other",
    "video_place": "Place for sessions by video",
    "clinic_number": "The clinic’s number for you",
}
MESSAGE = {True: "a message may be left", False: "leave no message", None: "not said if a message may be left"}
