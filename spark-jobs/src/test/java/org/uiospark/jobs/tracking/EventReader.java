package org.uiospark.jobs.tracking;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads event files of TensorBoard by the description of their format, and shares no code with what
 * writes them: its CRC-32C goes bit by bit.
 */
final class EventReader {
  /**
   * An event.
   *
   * @param wallTime seconds since 1970
   * @param version of the format, in the first event
   * @param scalars values by tag
   * @param sessionStatus 1 says that earlier events from this step on no longer count
   */
  record Event(
      double wallTime, long step, String version, Map<String, Float> scalars, long sessionStatus) {}

  private EventReader() {}

  static List<Event> read(Path file) throws IOException {
    ByteBuffer in = little(Files.readAllBytes(file));
    List<Event> events = new ArrayList<>();
    while (in.hasRemaining()) {
      byte[] length = bytes(in, 8);
      assertThat(in.getInt()).isEqualTo(masked(length));
      byte[] data = bytes(in, (int) little(length).getLong());
      assertThat(in.getInt()).isEqualTo(masked(data));
      events.add(event(data));
    }
    return events;
  }

  private static Event event(byte[] data) {
    double wallTime = 0;
    long step = 0;
    String version = "";
    Map<String, Float> scalars = new LinkedHashMap<>();
    long status = 0;
    for (Field field : fields(data)) {
      switch (field.number()) {
        case 1 -> wallTime = Double.longBitsToDouble(field.number64());
        case 2 -> step = field.number64();
        case 3 -> version = field.text();
        case 5 -> fields(field.bytes()).forEach(value -> scalar(value.bytes(), scalars));
        case 7 -> status = fields(field.bytes()).get(0).number64();
        default -> throw new AssertionError("no such field: " + field.number());
      }
    }
    return new Event(wallTime, step, version, scalars, status);
  }

  private static void scalar(byte[] value, Map<String, Float> into) {
    List<Field> fields = fields(value);
    assertThat(fields).extracting(Field::number).containsExactly(1, 2);
    into.put(fields.get(0).text(), Float.intBitsToFloat((int) fields.get(1).number64()));
  }

  private record Field(int number, long number64, byte[] bytes) {
    String text() {
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }

  private static List<Field> fields(byte[] message) {
    ByteBuffer in = little(message);
    List<Field> fields = new ArrayList<>();
    while (in.hasRemaining()) {
      long tag = varint(in);
      int number = (int) (tag >> 3);
      fields.add(
          switch ((int) (tag & 7)) {
            case 0 -> new Field(number, varint(in), new byte[0]);
            case 1 -> new Field(number, in.getLong(), new byte[0]);
            case 2 -> new Field(number, 0, bytes(in, (int) varint(in)));
            case 5 -> new Field(number, in.getInt(), new byte[0]);
            default -> throw new AssertionError("no such wire type: " + tag);
          });
    }
    return fields;
  }

  private static long varint(ByteBuffer in) {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte next = in.get();
      value |= (long) (next & 0x7F) << shift;
      if (next >= 0) {
        return value;
      }
    }
  }

  private static int masked(byte[] data) {
    int crc = ~0;
    for (byte next : data) {
      crc ^= next & 0xFF;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 1) == 0 ? crc >>> 1 : crc >>> 1 ^ 0x82F63B78;
      }
    }
    crc = ~crc;
    return (crc >>> 15 | crc << 17) + 0xA282EAD8;
  }

  private static byte[] bytes(ByteBuffer in, int count) {
    byte[] bytes = new byte[count];
    in.get(bytes);
    return bytes;
  }

  private static ByteBuffer little(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
