package org.uiospark.model.kernel;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Packs TorchScript source into the zip archive that libtorch loads.
 *
 * <p>The archive holds {@code version}, {@code code/__torch__.py} (the source), {@code data.pkl}
 * (one object of the source's class with its scalar attributes) and {@code constants.pkl} (an empty
 * tuple). The pickle uses the few opcodes of protocol 2 that libtorch itself writes.
 */
final class TorchScriptArchive {
  private static final byte[] EMPTY_TUPLE = {(byte) 0x80, 2, ')', '.'};

  private TorchScriptArchive() {}

  /**
   * @param className class of the source that the archive instantiates
   * @param source TorchScript source
   * @param attributes its scalar attributes: {@code Integer}, {@code Double} or {@code Boolean}
   */
  static byte[] pack(String className, String source, Map<String, ?> attributes) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      store(zip, "version", "3\n".getBytes(StandardCharsets.US_ASCII));
      store(zip, "data.pkl", pickle(className, attributes));
      store(zip, "constants.pkl", EMPTY_TUPLE);
      store(zip, "code/__torch__.py", source.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static void store(ZipOutputStream zip, String name, byte[] content) throws IOException {
    CRC32 crc = new CRC32();
    crc.update(content);
    ZipEntry entry = new ZipEntry("kernels/" + name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(content.length);
    entry.setCrc(crc.getValue());
    entry.setTime(0);
    zip.putNextEntry(entry);
    zip.write(content);
    zip.closeEntry();
  }

  /** The object's class, an empty argument tuple, NEWOBJ, then BUILD with a dict of attributes. */
  private static byte[] pickle(String className, Map<String, ?> attributes) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.write(new byte[] {(byte) 0x80, 2});
    out.write(("c__torch__\n" + className + "\n").getBytes(StandardCharsets.UTF_8));
    out.write(new byte[] {')', (byte) 0x81, '}', '('});
    for (Map.Entry<String, ?> attribute : attributes.entrySet()) {
      byte[] key = attribute.getKey().getBytes(StandardCharsets.UTF_8);
      out.write('X');
      out.writeInt(Integer.reverseBytes(key.length));
      out.write(key);
      Object value = attribute.getValue();
      if (value instanceof Integer number) {
        out.write('J');
        out.writeInt(Integer.reverseBytes(number));
      } else if (value instanceof Double number) {
        out.write('G');
        out.write(ByteBuffer.allocate(8).order(ByteOrder.BIG_ENDIAN).putDouble(number).array());
      } else if (value instanceof Boolean flag) {
        out.write(flag ? 0x88 : 0x89);
      } else {
        throw new IllegalArgumentException(
            "attribute " + attribute.getKey() + " is neither int, float nor bool: " + value);
      }
    }
    out.write(new byte[] {'u', 'b', '.'});
    return bytes.toByteArray();
  }
}
