package org.uiospark.data.commit;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.uiospark.data.commit.CommitLog.Move;
import org.uiospark.data.dataset.DataSetDescription;
import org.uiospark.data.dataset.DataSetDescription.DataFile;
import org.uiospark.data.dataset.DataSetDescription.Ledger;

/**
 * What one run adds to a data set: the names that its files get there, and the state that follows.
 *
 * @param before the state that the run began with
 * @param after the state with the files of the run
 * @param moves the files of the run
 */
public record Addition(DataSetDescription before, DataSetDescription after, List<Move> moves) {
  /**
   * An Arrow file in the folder of the run.
   *
   * @param file its name there
   * @param rows sequences
   * @param tokens in its sequences
   * @param bytes its size
   * @param sha256 of its content, in hexadecimal digits
   * @param footerSha256 the same of its footer
   */
  public record Part(
      String file, long rows, long tokens, long bytes, String sha256, String footerSha256) {}

  /**
   * Names the files of a run.
   *
   * @param parts in the order that they get in the data set
   * @param pages of the list of the documents of the run
   * @param list what names them, or the only one
   */
  public static Addition of(
      DataSetDescription before, List<Part> parts, List<Move> pages, Move list) {
    List<DataFile> added = new ArrayList<>();
    List<Move> moves = new ArrayList<>();
    int first = before.files().size();
    for (Part part : parts) {
      String name =
          String.format(
              Locale.ROOT, "data-%05d-of-%05d.arrow", first + added.size(), first + parts.size());
      added.add(new DataFile(name, part.rows(), part.bytes(), part.sha256(), part.footerSha256()));
      moves.add(new Move(part.file(), name, part.sha256()));
    }
    Stream.concat(pages.stream(), Stream.of(list)).distinct().forEach(moves::add);
    long tokens = parts.stream().mapToLong(Part::tokens).sum();
    DataSetDescription after = before.with(added, tokens, new Ledger(list.name(), list.sha256()));
    return new Addition(before, after, List.copyOf(moves));
  }
}
