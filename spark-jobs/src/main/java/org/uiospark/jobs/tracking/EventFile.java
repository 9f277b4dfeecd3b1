package org.uiospark.jobs.tracking;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.zip.CRC32C;
import org.apache.hadoop.fs.FSDataOutputStream;

/**
 * Events of TensorBoard, in its format: TFRecord frames (length, masked CRC-32C of it, data, masked
 * CRC-32C of that; little-endian) that each hold an {@code Event} of {@code
 * tensorflow/core/util/event.proto}, of which only these fields are written:
 *
 * <pre>
 * Event { double wall_time = 1; int64 step = 2; string file_version = 3; Summary summary = 5;
 *         SessionLog session_log = 7; }
 * Summary { repeated Value value = 1; }   Value { string tag = 1; float simple_value = 2; }
 * SessionLog { SessionStatus status = 1; }   START = 1
 * </pre>
 */
final class EventFile implements AutoCloseable {
  private static final String VERSION = "brain.Event:2";
  private static final int START = 1;
  private static final int MASK = 0xa282ead8;

  private static final int VARINT = 0;
  private static final int FIXED_64 = 1;
  private static final int BYTES = 2;
  private static final int FIXED_32 = 5;

  private final FSDataOutputStream out;

  /**
   * Begins a file.
   *
   * @param firstStep what earlier files say of it and of later steps no longer counts
   */
  EventFile(FSDataOutputStream out, long firstStep) throws IOException {
    this.out = out;
    Message version = new Message();
    version.text(3, VERSION);
    write(0, version);
    Message status = new Message();
    status.varint(1, START);
    Message start = new Message();
    start.message(7, status);
    write(firstStep, start);
  }

  /** Figures of a step by name. */
  void scalars(long step, Map<String, Double> values) throws IOException {
    Message summary = new Message();
    values.forEach(
        (tag, number) -> {
          Message value = new Message();
          value.text(1, tag);
          value.float32(2, number.floatValue());
          summary.message(1, value);
        });
    Message event = new Message();
    event.message(5, summary);
    write(step, event);
  }

  void flush() throws IOException {
    out.hflush();
  }

  @Override
  public void close() throws IOException {
    out.close();
  }

  private void write(long step, Message fields) throws IOException {
    Message event = new Message();
    event.float64(1, System.currentTimeMillis() / 1e3);
    event.varint(2, step);
    event.append(fields);
    byte[] data = event.bytes();
    byte[] length = little(Long.BYTES).putLong(data.length).array();
    out.write(length);
    out.write(little(Integer.BYTES).putInt(masked(length)).array());
    out.write(data);
    out.write(little(Integer.BYTES).putInt(masked(data)).array());
  }

  private static int masked(byte[] data) {
    CRC32C crc = new CRC32C();
    crc.update(data);
    return Integer.rotateRight((int) crc.getValue(), 15) + MASK;
  }

  private static ByteBuffer little(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** A message of Protocol Buffers in the making. */
  private static final class Message {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    void varint(int field, long value) {
      tag(field, VARINT);
      varint(value);
    }

    void float64(int field, double value) {
      tag(field, FIXED_64);
      out.writeBytes(little(Double.BYTES).putDouble(value).array());
    }

    void float32(int field, float value) {
      tag(field, FIXED_32);
      out.writeBytes(little(Float.BYTES).putFloat(value).array());
    }

    void text(int field, String value) {
      delimited(field, value.getBytes(StandardCharsets.UTF_8));
    }

    void message(int field, Message value) {
      delimited(field, value.bytes());
    }

    void append(Message fields) {
      out.writeBytes(fields.bytes());
    }

    byte[] bytes() {
      return out.toByteArray();
    }

    private void delimited(int field, byte[] value) {
      tag(field, BYTES);
      varint(value.length);
      out.writeBytes(value);
    }

    private void tag(int field, int type) {
      varint((long) field << 3 | type);
    }

    private void varint(long value) {
      long rest = value;
      while ((rest & ~0x7FL) != 0) {
        out.write((int) (rest & 0x7F | 0x80));
        rest >>>= 7;
      }
      out.write((int) rest);
    }
  }
}
