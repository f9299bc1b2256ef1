"""Static drawings of timetables: train graph and track occupation."""
