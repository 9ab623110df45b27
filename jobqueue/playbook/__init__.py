"""The playbook: a Markdown file of the project's, shown as a page. The setting `PLAYBOOK` names it."""
