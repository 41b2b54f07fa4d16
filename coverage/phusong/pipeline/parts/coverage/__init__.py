"""Mobile coverage of a study: settings and tables → signal, people, villages, gaps."""
