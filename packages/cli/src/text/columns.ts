/**
 * A table with every column padded to its widest cell plus three blanks, the last one too, as Go's
 * tabwriter prints cells that each end in a tab.
 */
export function formatColumns(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, [...cell].length);
    });
  }
  const line = (row: readonly string[]): string =>
    row.map((cell, column) => padEnd(cell, (widths[column] ?? 0) + 3)).join('');
  return rows.map((row) => `${line(row)}\n`).join('');
}

function padEnd(cell: string, width: number): string {
  return cell + ' '.repeat(Math.max(0, width - [...cell].length));
}
