"""Problems with known answers, built from material that is not part of railcap; each suite reads a folder of it."""
