"""The assessment domain as declarations: machines, plan language, deadlines, reference plans."""
