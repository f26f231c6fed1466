"""The timetable: when procedures run. APScheduler lives here."""
