package org.uiospark.data.source;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import org.apache.arrow.vector.BaseIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.ValueVector;
import org.apache.arrow.vector.VariableWidthFieldVector;
import org.apache.arrow.vector.complex.BaseListVector;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.apache.arrow.vector.util.Text;

/** Rows of Arrow as the JSON that the same table has in a {@code .jsonl} file. */
final class ArrowCells {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final Columns columns;
  private final Map<Long, Dictionary> dictionaries;
  private long textBytes;
  private long replaced;

  /**
   * @param columns that are read
   * @param dictionaries by id, filled as their batches are met
   */
  ArrowCells(Columns columns, Map<Long, Dictionary> dictionaries) {
    this.columns = columns;
    this.dictionaries = dictionaries;
  }

  /** Bytes of the texts of the last row. */
  long textBytes() {
    return textBytes;
  }

  /** Malformed bytes among them. */
  long replaced() {
    return replaced;
  }

  /**
   * A row without its nulls.
   *
   * @throws IndexOutOfBoundsException if an offset or an index leads out of its buffers
   */
  ObjectNode row(List<FieldVector> table, int row) {
    textBytes = 0;
    replaced = 0;
    ObjectNode object = JSON.objectNode();
    for (FieldVector column : table) {
      if (columns.reads(column.getName()) && !column.isNull(row)) {
        object.set(column.getName(), value(column, row));
      }
    }
    return object;
  }

  private JsonNode value(ValueVector vector, int at) {
    DictionaryEncoding coded = vector.getField().getDictionary();
    if (vector.isNull(at)) {
      return JSON.nullNode();
    } else if (coded != null) {
      long index = ((BaseIntVector) vector).getValueAsLong(at);
      FieldVector values = dictionaries.get(coded.getId()).getVector();
      return value(values, within(index, values));
    } else if (vector instanceof StructVector struct) {
      return object(struct, at);
    } else if (vector instanceof BaseListVector list) {
      return array(list, at);
    } else if (vector instanceof VariableWidthFieldVector text) {
      checkLength(text, at);
    }
    return scalar(vector.getObject(at));
  }

  /** The library makes room for a text before it looks whether the file holds so much. */
  private static void checkLength(VariableWidthFieldVector text, int at) {
    int length = text.getValueLength(at);
    long held = text.getAllocator().getAllocatedMemory();
    if (length < 0 || length > held) {
      throw new IndexOutOfBoundsException("a text of " + length + " bytes in " + held);
    }
  }

  private static int within(long index, FieldVector values) {
    if (index < 0 || index >= values.getValueCount()) {
      throw new IndexOutOfBoundsException(
          "it asks for value " + index + " of " + values.getValueCount());
    }
    return (int) index;
  }

  private ObjectNode object(StructVector struct, int at) {
    ObjectNode object = JSON.objectNode();
    for (FieldVector field : struct.getChildrenFromFields()) {
      if (!field.isNull(within(at, field))) {
        object.set(field.getName(), value(field, at));
      }
    }
    return object;
  }

  private ArrayNode array(BaseListVector list, int at) {
    ArrayNode array = JSON.arrayNode();
    FieldVector elements = list.getChildrenFromFields().get(0);
    for (int i = list.getElementStartIndex(at); i < list.getElementEndIndex(at); i++) {
      array.add(value(elements, within(i, elements)));
    }
    return array;
  }

  private JsonNode scalar(Object value) {
    if (value instanceof Text text) {
      return text(text.copyBytes());
    } else if (value instanceof Boolean is) {
      return JSON.booleanNode(is);
    } else if (value instanceof Float || value instanceof Double) {
      return JSON.numberNode(((Number) value).doubleValue());
    } else if (value instanceof Number number) {
      return JSON.numberNode(number.longValue());
    }
    // Decimals, bytes, times and unions are no text.
    return JSON.nullNode();
  }

  private JsonNode text(byte[] bytes) {
    Utf8Text text = Utf8Text.of(bytes);
    textBytes += bytes.length;
    replaced += text.replaced();
    return JSON.textNode(text.text());
  }
}
