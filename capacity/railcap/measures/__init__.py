"""What is read off a timetable: meets and passes, occupation, the summary."""
