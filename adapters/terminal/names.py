"""Names as people read them: of sections, posts, states, instances."""

from __future__ import annotations

from adapters.messages import Translator
from engine.events import Instance
from workflows.plan.model import Plan


class Names:
    """Names of one plan for one reader."""

    def __init__(self, words: Translator, plan: Plan) -> None:
        """Take the names from ``plan``."""
        self.words = words
        self.plan = plan
        texts = {part.id: part.name for part in plan.outside}
        texts |= {part.id: part.name for part in plan.posts}
        texts |= {part.id: part.name for part in plan.sections}
        self._names = {ident: text.in_language(words.language) for ident, text in texts.items()}

    def owner(self, owner: str) -> str:
        """Return the name of a section, a post, a body outside, or a role."""
        return self._names.get(owner) or self.words.word("role", owner)

    def state(self, instance: Instance) -> str:
        """Return the name of the instance's state."""
        return self.words.word("state", instance.state, instance.workflow)

    def title(self, instance: Instance) -> str:
        """Return what the instance is about."""
        english = self.words.language == "en"
        title = (instance.facts.get("title.en") if english else "") or instance.facts.get("title")
        return str(title or "")

    def step(self, step_id: str) -> str:
        """Return the name of a step."""
        step = self.plan.step(step_id)
        return step.name.in_language(self.words.language) if step else step_id
