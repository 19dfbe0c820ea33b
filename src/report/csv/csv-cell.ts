/** What a cell of a table for spreadsheets can hold; undefined is an empty cell. */

export type Cell = string | number | boolean | undefined;
