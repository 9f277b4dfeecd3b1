package org.uiospark.jobs.exchange;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.apache.spark.serializer.DeserializationStream;
import org.apache.spark.serializer.SerializationStream;
import org.apache.spark.serializer.Serializer;
import org.apache.spark.serializer.SerializerInstance;
import scala.Tuple2;
import scala.collection.Iterator;
import scala.reflect.ClassTag;

/**
 * Keys and parts of lanes as they are: four bytes for a key, eight for its number, four for the
 * length, then the bytes. A shard of a gradient goes from the device's memory to a file of Spark's
 * shuffle without a copy of it on the heap.
 */
public final class RawSerializer extends Serializer implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final int PIECE = 1 << 16;

  /** Bytes of a record before those of its part. */
  private static final int HEAD = Integer.BYTES + Long.BYTES + Integer.BYTES;

  @Override
  public SerializerInstance newInstance() {
    return new Instance();
  }

  /** All records of a lane in one array. */
  public static byte[] encode(Iterator<Tuple2<Integer, LanePart>> records) {
    List<Tuple2<Integer, LanePart>> all = new ArrayList<>();
    int length = 0;
    while (records.hasNext()) {
      Tuple2<Integer, LanePart> record = records.next();
      all.add(record);
      length += HEAD + record._2().bytes().remaining();
    }
    WholeArray out = new WholeArray(length);
    SerializationStream stream = new Writing(new DataOutputStream(out));
    all.forEach(record -> stream.writeObject(record._1(), null).writeObject(record._2(), null));
    return out.array();
  }

  /** The records of a lane, which share the memory of the array. */
  public static void decode(byte[] encoded, BiConsumer<Integer, LanePart> record) {
    ByteBuffer bytes = ByteBuffer.wrap(encoded);
    while (bytes.hasRemaining()) {
      int key = bytes.getInt();
      long number = bytes.getLong();
      int length = bytes.getInt();
      record.accept(key, new LanePart(number, bytes.slice(bytes.position(), length)));
      bytes.position(bytes.position() + length);
    }
  }

  /** An array of a known length, filled as a stream, and not copied at the end. */
  private static final class WholeArray extends ByteArrayOutputStream {
    WholeArray(int length) {
      super(length);
    }

    byte[] array() {
      return buf;
    }
  }

  private static final class Instance extends SerializerInstance {
    @Override
    public SerializationStream serializeStream(OutputStream out) {
      return new Writing(new DataOutputStream(out));
    }

    @Override
    public DeserializationStream deserializeStream(InputStream in) {
      return new Reading(new DataInputStream(in));
    }

    @Override
    public <T> ByteBuffer serialize(T value, ClassTag<T> type) {
      throw new UnsupportedOperationException("records are written to streams alone");
    }

    @Override
    public <T> T deserialize(ByteBuffer bytes, ClassTag<T> type) {
      throw new UnsupportedOperationException("records are read from streams alone");
    }

    @Override
    public <T> T deserialize(ByteBuffer bytes, ClassLoader loader, ClassTag<T> type) {
      return deserialize(bytes, type);
    }
  }

  private static final class Writing extends SerializationStream {
    private final DataOutputStream out;
    private final byte[] piece = new byte[PIECE];

    Writing(DataOutputStream out) {
      this.out = out;
    }

    @Override
    public <T> SerializationStream writeObject(T object, ClassTag<T> type) {
      try {
        if (object instanceof Integer number) {
          out.writeInt(number);
        } else {
          write((LanePart) object);
        }
        return this;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** In pieces that stay in the cache. */
    private void write(LanePart part) throws IOException {
      ByteBuffer bytes = part.bytes().slice();
      out.writeLong(part.number());
      out.writeInt(bytes.remaining());
      while (bytes.hasRemaining()) {
        int count = Math.min(bytes.remaining(), piece.length);
        bytes.get(piece, 0, count);
        out.write(piece, 0, count);
      }
    }

    @Override
    public void flush() {
      try {
        out.flush();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void close() {
      try {
        out.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Throws what Spark knows as the end of a stream, and as a block to fetch again. */
  private static final class Reading extends DeserializationStream {
    private final DataInputStream in;

    Reading(DataInputStream in) {
      this.in = in;
    }

    @Override
    public <T> T readKey(ClassTag<T> type) {
      try {
        return cast(in.readInt());
      } catch (IOException e) {
        throw sneaked(e);
      }
    }

    @Override
    public <T> T readValue(ClassTag<T> type) {
      try {
        long number = in.readLong();
        byte[] bytes = new byte[in.readInt()];
        in.readFully(bytes);
        return cast(new LanePart(number, ByteBuffer.wrap(bytes)));
      } catch (EOFException e) {
        // Between a key and its value no stream ends well.
        throw sneaked(new IOException("a record of a shuffle file is cut", e));
      } catch (IOException e) {
        throw sneaked(e);
      }
    }

    @Override
    public <T> T readObject(ClassTag<T> type) {
      throw new UnsupportedOperationException("records are read as key and value");
    }

    @Override
    public void close() {
      try {
        in.close();
      } catch (IOException e) {
        throw sneaked(e);
      }
    }

    @SuppressWarnings("unchecked")
    private static <T> T cast(Object value) {
      return (T) value;
    }

    /** Scala declares no exceptions, so the compiler must not see that these are checked. */
    @SuppressWarnings("unchecked")
    private static <E extends Exception> RuntimeException sneaked(Exception e) throws E {
      throw (E) e;
    }
  }
}
