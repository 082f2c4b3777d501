"""What every subcommand starts with: the settings of the environment and of .env."""

from mtchat.config.settings import Settings, load_settings, read_environment


def settings_or_exit() -> Settings:
    """Return the settings; raises ConfigError, which the command line turns into a list of mistakes and status 2."""
    return load_settings(read_environment())
