"""What people and the clock do with personal data, by subject."""
