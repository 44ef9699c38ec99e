"""The office: the pages on which coordinators run the program."""
