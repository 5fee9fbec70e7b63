"""Keeping an index in step with a feed of changes."""

from agentkit.following.follower import Event, Follower

__all__ = ["Event", "Follower"]
