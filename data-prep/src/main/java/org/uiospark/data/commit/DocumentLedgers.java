package org.uiospark.data.commit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.uiospark.data.commit.CommitLog.Move;
import org.uiospark.data.dataset.DataSetDescription.Ledger;
import org.uiospark.data.settings.Duplicates;
import org.uiospark.data.storage.AtomicWrite;
import org.uiospark.data.storage.InputFile;
import org.uiospark.model.input.FileName;
import org.uiospark.model.input.InputJson;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.input.Sha256;

/**
 * The lists of documents of a data set, one for each run that added to it, so that no later run
 * adds a document twice. A list is a page, {@code documents-GENERATION.jsonl.gz}, or, where it is
 * long, {@code documents-GENERATION.json}, which names its pages with their SHA-256, in order.
 *
 * @param uri directory of the data set
 * @param configuration of its file system
 */
public record DocumentLedgers(String uri, Configuration configuration) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Tokens of a text, without the one that closes a document and cut or not. */
  public static final String TEXT_TOKENS = "text_tokens";

  /** Sequences of a document. */
  public static final String SEQUENCES = "sequences";

  /** Bytes that make a page, of half a million documents: a task reads or writes one. */
  public static final long PAGE = 32L << 20;

  private static final String INDEX = ".json";
  private static final String PAGES = "pages";
  private static final String FILENAME = "filename";
  private static final String SHA256 = "sha256";
  private static final String IDENTITY = "identity";
  private static final String ID = "id";
  private static final String CONTENT = "content";

  /** Says in an entry what the document is and what it goes by. */
  public static void put(ObjectNode entry, DocumentName name, String sha256) {
    entry.put("doc_id", name.docId()).put(SHA256, sha256);
    entry.put(IDENTITY, name.given() ? ID : CONTENT);
  }

  /**
   * The pages of lists, in order. They are not read.
   *
   * @throws InvalidInputException if what names them is damaged or missing
   */
  public List<Ledger> pages(List<Ledger> ledgers) throws IOException {
    List<Ledger> pages = new ArrayList<>();
    for (Ledger ledger : ledgers) {
      if (!ledger.filename().endsWith(INDEX)) {
        pages.add(ledger);
        continue;
      }
      check(ledger);
      Path path = path(ledger);
      String origin = path.toString();
      try (InputStream in = path.getFileSystem(configuration).open(path)) {
        for (JsonNode page : InputJson.object(origin, InputJson.bytes(origin, in)).path(PAGES)) {
          pages.add(
              new Ledger(FileName.of(origin, page.path(FILENAME)), page.path(SHA256).asText()));
        }
      }
    }
    return pages;
  }

  /**
   * Makes sure that a page is what was committed.
   *
   * @throws InvalidInputException if it is damaged or missing
   */
  public void check(Ledger page) throws IOException {
    Path path = path(page);
    checkWhole(path.getFileSystem(configuration), path, page);
  }

  /**
   * The documents of a page, as they are read.
   *
   * @param duplicates says whether a document goes by its text alone
   * @return to be read to its end, which closes the file
   */
  public Iterator<KnownDocument> documents(Ledger page, Duplicates duplicates) throws IOException {
    return entries(page).flatMap(entry -> known(entry, duplicates).stream()).iterator();
  }

  /**
   * The documents that gave sequences, in the order of those.
   *
   * @throws InvalidInputException if a list is damaged or missing, or lists no texts
   */
  public List<ListedText> texts(List<Ledger> ledgers) throws IOException {
    List<ListedText> texts = new ArrayList<>();
    long first = 0;
    for (Ledger page : pages(ledgers)) {
      check(page);
      for (JsonNode entry : (Iterable<JsonNode>) entries(page)::iterator) {
        long sequences = entry.path(SEQUENCES).asLong();
        if (sequences > 0) {
          texts.add(text(entry, first, sequences));
        }
        first += sequences;
      }
    }
    return texts;
  }

  private ListedText text(JsonNode entry, long first, long sequences) {
    if (!entry.path(TEXT_TOKENS).canConvertToLong()) {
      throw new InvalidInputException(
          uri + " does not list the tokens of its texts; run prep into a new directory");
    }
    return new ListedText(
        entry.get("doc_id").asText(),
        entry.get(SHA256).asText(),
        entry.get(TEXT_TOKENS).asLong(),
        first,
        sequences);
  }

  /** The entries of a page, as they are read. */
  private Stream<JsonNode> entries(Ledger page) throws IOException {
    Path path = path(page);
    BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(unending(path.getFileSystem(configuration).open(path))),
                StandardCharsets.UTF_8));
    return Stream.generate(() -> next(lines))
        .takeWhile(Objects::nonNull)
        .map(DocumentLedgers::parsed);
  }

  /**
   * A page has a member a shard, and Java's reader takes "none at hand" for the end of the last.
   */
  private static InputStream unending(InputStream file) {
    return new FilterInputStream(file) {
      @Override
      public int available() throws IOException {
        return Math.max(1, super.available());
      }
    };
  }

  private static JsonNode parsed(String line) {
    try {
      return JSON.readTree(line);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The next line; null behind the last, and then the file is closed. */
  private static String next(BufferedReader lines) {
    try {
      String line = lines.readLine();
      if (line == null) {
        lines.close();
      }
      return line;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path path(Ledger ledger) {
    return new Path(InputFile.path(uri), ledger.filename());
  }

  /** Ledgers of the first versions do not say what a document goes by: it counts as both. */
  private static List<KnownDocument> known(JsonNode entry, Duplicates duplicates) {
    String sha256 = entry.get(SHA256).asText();
    String identity = entry.path(IDENTITY).asText();
    List<KnownDocument> known = new ArrayList<>();
    if (!identity.equals(ID) || duplicates == Duplicates.DROP) {
      known.add(new KnownDocument(DocumentKey.ofContent(sha256), true));
    }
    if (!identity.equals(CONTENT) && duplicates == Duplicates.KEEP) {
      known.add(new KnownDocument(DocumentKey.ofId(entry.get("doc_id").asText(), sha256), false));
    }
    return known;
  }

  /** Refuses a damaged ledger: a document that it lacks would be added a second time. */
  private static void checkWhole(FileSystem files, Path path, Ledger ledger) throws IOException {
    if (!files.exists(path) || !Placement.sha256(files, path).equals(ledger.sha256())) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s is %s, so the documents of the data set are not known; put the file back or run prep into a new directory",
              path,
              files.exists(path) ? "damaged" : "missing"));
    }
  }

  /**
   * Joins lists of tasks of a run into a page.
   *
   * @param name that it shall get in the data set
   * @param lists paths of gzip files
   * @param work folder of the run, where it is written
   */
  public Move page(String name, List<String> lists, Path work) throws IOException {
    return written(
        name,
        work,
        out -> {
          // Gzip members one after the other are a gzip file.
          for (String list : lists) {
            Path path = new Path(list);
            try (InputStream in = path.getFileSystem(configuration).open(path)) {
              in.transferTo(out);
            }
          }
        });
  }

  /**
   * The name of a page of a list.
   *
   * @param page from 0
   * @param count of its pages
   */
  public static String pageName(int generation, int page, int count) {
    return count == 1
        ? String.format(Locale.ROOT, "documents-%05d.jsonl.gz", generation)
        : String.format(Locale.ROOT, "documents-%05d-%05d.jsonl.gz", generation, page);
  }

  /**
   * The list of a run: its page, or what names its pages.
   *
   * @param pages one at least, in order
   * @param work folder of the run, where it is written
   */
  public Move list(int generation, List<Move> pages, Path work) throws IOException {
    if (pages.size() == 1) {
      return pages.get(0);
    }
    ObjectNode index = JSON.createObjectNode();
    ArrayNode named = index.putArray(PAGES);
    pages.forEach(page -> named.addObject().put(FILENAME, page.name()).put(SHA256, page.sha256()));
    return written(
        String.format(Locale.ROOT, "documents-%05d%s", generation, INDEX),
        work,
        out -> out.write(JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(index)));
  }

  private Move written(String name, Path work, AtomicWrite.Content content) throws IOException {
    // Every attempt of a task has a name of its own, so two of them never write the same file.
    Path path = new Path(work, UUID.randomUUID() + "-" + name);
    MessageDigest digest = Sha256.digest();
    FileSystem files = AtomicWrite.fileSystem(path, configuration);
    try (OutputStream out = new DigestOutputStream(AtomicWrite.open(files, path), digest)) {
      content.writeTo(out);
    }
    return new Move(path.getName(), name, Sha256.hex(digest));
  }
}
