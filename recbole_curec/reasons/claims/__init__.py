"""What a reason claims, and whether its evidence holds a fact for each claim."""
