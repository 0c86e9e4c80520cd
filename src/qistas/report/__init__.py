"""Findings made readable: report.json, report.html, Markdown and terminal lines. Never calls a model."""
