"""The timetable at work: APScheduler and the mail live here; they serve, and decide nothing."""
