"""Areas, populations, LSOA codes and map layers: everything that is not a police file."""
