package org.uiospark.data.longtext;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.uiospark.model.text.Joints;

/** Finds the byte at which a text in UTF-8 may be cut, from any byte on. */
final class Utf8Cut {
  private static final int LONGEST = 4;
  private static final char NO_LETTER = '\uFFFD';

  private final InputStream in;
  private final byte[] bytes = new byte[LONGEST];
  private long position;
  private boolean ended;

  private Utf8Cut(InputStream in, long position) {
    this.in = in;
    this.position = position;
  }

  /**
   * Where the first joint between two letters begins.
   *
   * @param in the text from a byte on, be it within a character; it can mark
   * @param from that byte
   * @param limit the joint begins before it
   * @return -1 if there is none
   */
  static long find(InputStream in, long from, long limit, Joints joints) throws IOException {
    Utf8Cut text = new Utf8Cut(in, from);
    char left = NO_LETTER;
    char joint = NO_LETTER;
    long jointAt = from;
    while (jointAt < limit && !text.ended) {
      long at = text.position;
      char right = text.next();
      if (joints.isCut(left, joint, right)) {
        return jointAt;
      }
      left = joint;
      joint = right;
      jointAt = at;
    }
    return -1;
  }

  /** The next character; of one that is malformed or takes two chars, its bytes one by one. */
  private char next() throws IOException {
    int lead = in.read();
    ended = lead < 0;
    position++;
    if (lead < 0x80) {
      return ended ? NO_LETTER : (char) lead;
    }
    bytes[0] = (byte) lead;
    in.mark(LONGEST);
    int more = in.readNBytes(bytes, 1, lead < 0xc0 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3);
    String character = new String(bytes, 0, 1 + more, StandardCharsets.UTF_8);
    if (character.length() == 1 && character.charAt(0) != NO_LETTER) {
      position += more;
      return character.charAt(0);
    }
    in.reset();
    return NO_LETTER;
  }
}
