/** Numbers of a list, at most, where nothing but the list says how many they are: as many as an array of DuckDB may have. */
export const LONGEST_LIST = 100_000;
