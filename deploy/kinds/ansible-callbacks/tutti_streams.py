"""Tells Tutti how far a playbook is, and how it ended (docs/streams.md)."""

import json
import os

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
    name: tutti_streams
    type: notification
    short_description: progress and result for Tutti
    description:
      - Writes progress to descriptor 3 and the result to descriptor 4.
"""


def count_tasks(block):
    return sum(
        count_tasks(task) if hasattr(task, "block") else 1
        for part in (block.block, block.always) for task in part)


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "tutti_streams"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self):
        super().__init__()
        self.total = 0
        self.started = 0

    def say(self, **message):
        os.write(3, (json.dumps(message) + "\n").encode())

    def v2_playbook_on_start(self, playbook):
        for play in playbook.get_plays():
            self.total += int(bool(play.gather_facts is not False))
            self.total += sum(count_tasks(block) for block in play.tasks)

    def v2_playbook_on_task_start(self, task, is_conditional):
        # Roles and what is included are counted when they come.
        self.total = max(self.total, self.started + 1)
        self.say(progress=round(self.started / self.total, 3),
                 message=task.get_name())
        self.started += 1

    def v2_runner_on_failed(self, result, ignore_errors=False):
        if not ignore_errors:
            text = result._result.get("msg", "failed")
            self.say(warning=f"{result._task.get_name()}: {text}")

    def v2_playbook_on_stats(self, stats):
        hosts = {host: stats.summarize(host) for host in stats.processed}
        os.write(4, (json.dumps(hosts) + "\n").encode())
