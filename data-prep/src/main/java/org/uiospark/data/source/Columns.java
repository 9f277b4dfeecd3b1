package org.uiospark.data.source;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.uiospark.data.settings.FieldPath;
import org.uiospark.data.settings.Objective;
import org.uiospark.data.settings.PrepSettings;
import org.uiospark.data.settings.RecordFields;

/**
 * The columns of a table that prep reads, and what it expects of them.
 *
 * @param texts hold text; where there is none, every column is read
 * @param id holds the id
 * @param option names the texts
 */
record Columns(List<FieldPath> texts, FieldPath id, String option) {
  private static final int NAMED = 20;

  /**
   * A column of a table.
   *
   * @param type its type in the words of its format
   * @param holds what is in it
   * @param fields of a struct; else empty
   */
  record Column(String name, String type, Holds holds, List<Column> fields) {}

  /** What a column holds, as far as it matters. */
  enum Holds {
    TEXT,
    STRUCT,
    LIST,
    OTHER
  }

  static Columns of(PrepSettings settings) {
    RecordFields fields = settings.reading().fields();
    if (settings.objective() != Objective.SFT) {
      return new Columns(List.of(fields.text()), fields.id(), "--text-field");
    }
    // An example may lie in any column, unless they are named.
    return new Columns(
        Stream.concat(fields.prompts().stream(), fields.answers().stream()).toList(),
        fields.id(),
        "--prompt-fields and --response-field");
  }

  /** Whether every column is read. */
  boolean all() {
    return texts.isEmpty();
  }

  /** The fields that are read, unless all are. */
  List<FieldPath> read() {
    return Stream.concat(texts.stream(), Stream.of(id)).toList();
  }

  /** Whether something of a column is read. */
  boolean reads(String column) {
    return all()
        || read().stream()
            .anyMatch(path -> path.text().equals(column) || path.names().get(0).equals(column));
  }

  /**
   * Makes sure that a table has these columns, and text where there has to be some.
   *
   * @param path of its file
   */
  void check(String path, List<Column> table) throws SpoiledFileException {
    for (FieldPath text : texts) {
      Column column = found(path, table, text, option);
      if (column.holds() != Holds.TEXT) {
        throw new SpoiledFileException(
            path,
            "no text in column " + text,
            String.format(
                Locale.ROOT,
                "without text in column '%s' (it is %s); name one that holds text with %s",
                text,
                column.type(),
                option),
            null);
      }
    }
    if (!id.equals(RecordFields.ID)) {
      found(path, table, id, "--id-field");
    }
  }

  private static Column found(String path, List<Column> table, FieldPath field, String option)
      throws SpoiledFileException {
    Optional<Column> whole = named(table, field.text());
    Column found = whole.isPresent() ? whole.get() : walked(table, field.names());
    if (found == null) {
      throw new SpoiledFileException(
          path,
          "no column " + field,
          String.format(
              Locale.ROOT,
              "without a column '%s' (it has %s); name the one that holds it with %s",
              field,
              String.join(", ", names(table).limit(NAMED).toList()),
              option),
          null);
    }
    return found;
  }

  private static Column walked(List<Column> table, List<String> names) {
    Column found = null;
    List<Column> inner = table;
    for (String name : names) {
      if (found != null && found.holds() == Holds.LIST && FieldPath.isIndex(name)) {
        found = inner.get(0);
      } else {
        found = named(inner, name).orElse(null);
      }
      if (found == null) {
        return null;
      }
      inner = found.fields();
    }
    return found;
  }

  private static Optional<Column> named(List<Column> columns, String name) {
    return columns.stream().filter(column -> column.name().equals(name)).findFirst();
  }

  /** The names that paths may have, those inside structs too. */
  private static Stream<String> names(List<Column> columns) {
    return columns.stream()
        .flatMap(
            column ->
                column.holds() == Holds.STRUCT
                    ? names(column.fields()).map(inner -> column.name() + "." + inner)
                    : Stream.of(column.name()));
  }
}
