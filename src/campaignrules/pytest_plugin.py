"""The pytest plug-in: collects files of tests (*.test.yaml) when asked with --campaignrules."""
