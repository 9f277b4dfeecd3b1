package org.uiospark.data.prep;

import java.io.IOException;
import java.io.OutputStream;
import java.io.Reader;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.io.output.CountingOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.uiospark.data.commit.DocumentName;
import org.uiospark.data.copies.LeftOut;
import org.uiospark.data.dataset.ArrowSequenceWriter;
import org.uiospark.data.encode.SequenceCutter;
import org.uiospark.data.longtext.PartTokens;
import org.uiospark.data.prep.DocumentWriter.TextTokens;
import org.uiospark.data.settings.Objective;
import org.uiospark.data.settings.PrepSettings;
import org.uiospark.data.source.Slice;
import org.uiospark.data.source.SourceReader;
import org.uiospark.data.source.SpoiledFileException;
import org.uiospark.data.storage.AtomicWrite;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.input.Sha256;

/**
 * Streams the documents of one shard through the tokenizer into two files: their sequences, and the
 * list of them.
 */
final class ShardTask {
  private final Encoding encoding;
  private final PrepSettings settings;
  private final String folder;
  private final Configuration configuration;

  /**
   * @param folder gets the files
   * @param configuration of the file systems
   */
  ShardTask(Encoding encoding, String folder, Configuration configuration) {
    this.encoding = encoding;
    this.settings = encoding.settings();
    this.folder = folder;
    this.configuration = configuration;
  }

  /**
   * What became of the shard. Where a file in it turns out to be spoiled, rows of it are among
   * those written: then nothing is made, and all spoiled files of the shard are named.
   *
   * @param leftOut which documents of a slice are left out, by its number; where there is none, all
   *     stay
   * @param refused reasons of documents that cannot be encoded, by where they are, as far as that
   *     is known
   * @throws RefusedDocumentException if one more of them is found
   */
  ShardResult run(Shard shard, Map<Integer, LeftOut> leftOut, Map<String, String> refused)
      throws IOException {
    return write(
        shard.index(),
        shard.slices(),
        (sequences, ledger, result) -> {
          TextTokens texts = TextTokens.of(encoding.tokenizer());
          DocumentWriter writer =
              new DocumentWriter(encoding, texts, refused, sequences, ledger, result);
          ShardReader reader = new ShardReader(settings, configuration, writer, result);
          for (Shard.Part part : shard.parts()) {
            reader.read(part.slice(), leftOut.getOrDefault(part.number(), LeftOut.nothing()));
          }
        });
  }

  /** What became of a part of a long text, which is counted and listed with its last part. */
  ShardResult run(PartTokens part) throws IOException {
    Slice slice = part.text().slice();
    return write(
        part.text().shard(),
        List.of(slice),
        (sequences, ledger, result) -> {
          TextTokens texts =
              (document, text, cutter) -> {
                cutter.begin(document.name().docId(), part.from());
                part.read(configuration, cutter::accept);
                return part.to();
              };
          if (part.last()) {
            DocumentWriter writer =
                new DocumentWriter(encoding, texts, Map.of(), sequences, ledger, result);
            new ShardReader(settings, configuration, writer, result).read(slice, LeftOut.nothing());
          } else {
            Document document = new Document(DocumentName.at(slice.name()), slice.path());
            SequenceCutter cutter = new SequenceCutter(settings, sequences::write);
            texts.give(document, Reader.nullReader(), cutter);
          }
        });
  }

  /** Writes what goes into the two files. */
  private interface Content {
    void write(ArrowSequenceWriter sequences, OutputStream ledger, ShardResult result)
        throws IOException;
  }

  private ShardResult write(int shard, List<Slice> slices, Content content) throws IOException {
    ShardResult result = new ShardResult(shard);
    // Every attempt has a name of its own, so two of them never write the same file.
    String name = String.format(Locale.ROOT, "part-%05d-%s", shard, UUID.randomUUID());
    Path data = new Path(folder, name + ".arrow");
    Path documents = new Path(folder, name + ".jsonl.gz");
    FileSystem files = AtomicWrite.fileSystem(data, configuration);
    MessageDigest digest = Sha256.digest();
    // Bytes are counted, for to ask for a length is one more request.
    try (CountingOutputStream out = new CountingOutputStream(AtomicWrite.open(files, data));
        CountingOutputStream listed = new CountingOutputStream(AtomicWrite.open(files, documents));
        GZIPOutputStream ledger = new GZIPOutputStream(listed);
        ArrowSequenceWriter sequences = sequences(new DigestOutputStream(out, digest))) {
      content.write(sequences, ledger, result);
      result.footerSha256 = sequences.finish();
      ledger.finish();
      result.rows = sequences.rows();
      result.tokens = sequences.tokens();
      result.bytes = out.getByteCount();
      result.ledgerBytes = listed.getByteCount();
    } catch (InvalidInputException e) {
      // Trying again would not mend it.
      result.failure = e.getMessage();
      return result;
    } catch (SpoiledFileException e) {
      return spoiled(shard, slices, e);
    }
    result.dataPath = data.toString();
    result.ledgerPath = documents.toString();
    result.sha256 = Sha256.hex(digest);
    return result;
  }

  private ArrowSequenceWriter sequences(OutputStream out) throws IOException {
    return settings.objective() == Objective.SFT
        ? ArrowSequenceWriter.withLabels(out)
        : ArrowSequenceWriter.ofText(out);
  }

  /** Looks for more spoiled files behind the first. */
  private ShardResult spoiled(int shard, List<Slice> slices, SpoiledFileException first)
      throws IOException {
    ShardResult spoiled = new ShardResult(shard);
    for (Slice slice : slices) {
      if (slice.path().equals(first.path())) {
        spoiled.spoil(first);
      } else if (!spoiled.spoiled.isEmpty() && !spoiled.spoiled.containsKey(slice.path())) {
        check(slice, spoiled);
      }
    }
    return spoiled;
  }

  private void check(Slice slice, ShardResult spoiled) throws IOException {
    try {
      new SourceReader(settings, configuration).check(slice);
    } catch (SpoiledFileException e) {
      spoiled.spoil(e);
    }
  }
}
