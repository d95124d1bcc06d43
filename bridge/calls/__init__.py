"""The rules of one legacy call, pure: arguments, plan, replies, outcome."""
