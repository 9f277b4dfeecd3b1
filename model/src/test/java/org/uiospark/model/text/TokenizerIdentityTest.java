package org.uiospark.model.text;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class TokenizerIdentityTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void theSameTokenizerInOtherBytesIsTheSame() throws IOException {
    TokenizerIdentity original = of(root -> {});
    TokenizerIdentity older =
        of(
            root -> {
              ObjectNode model = (ObjectNode) root.get("model");
              ArrayNode merges = JSON.createArrayNode();
              model
                  .get("merges")
                  .forEach(pair -> merges.add(pair.get(0).asText() + " " + pair.get(1).asText()));
              model.set("merges", merges);
              model.remove(List.of("ignore_merges", "byte_fallback", "dropout"));
              root.remove(List.of("normalizer", "decoder", "post_processor"));
              // Keys in another order.
              root.set("model", root.remove("model"));
              model.set("vocab", model.remove("vocab"));
            });

    assertThat(older.sha256()).isNotEqualTo(original.sha256());
    assertThat(older.isSame(original)).isTrue();
  }

  @Test
  void whatGivesATextOtherIdsMakesAnother() throws IOException {
    List<Consumer<ObjectNode>> changes = new ArrayList<>();
    changes.add(root -> ((ObjectNode) root.get("model").get("vocab")).put("a", 66).put("b", 65));
    changes.add(root -> ((ArrayNode) root.get("model").get("merges")).remove(3));
    changes.add(root -> ((ObjectNode) root.get("pre_tokenizer")).put("use_regex", false));
    changes.add(root -> ((ObjectNode) root.get("pre_tokenizer")).put("add_prefix_space", true));
    changes.add(root -> root.putObject("normalizer").put("type", "NFC"));
    changes.add(root -> ((ArrayNode) root.get("added_tokens")).addObject().put("id", 9));
    changes.add(root -> ((ObjectNode) root.get("model")).put("ignore_merges", true));
    TokenizerIdentity original = of(root -> {});
    for (Consumer<ObjectNode> change : changes) {
      assertThat(of(change).isSame(original)).isFalse();
    }
  }

  @Test
  void ofWhatIsNotKnownNothingIsTheSame() throws IOException {
    TokenizerIdentity known = of(root -> {});
    TokenizerIdentity byBytes = new TokenizerIdentity(known.sha256(), "");

    assertThat(TokenizerIdentity.UNKNOWN.isKnown()).isFalse();
    assertThat(known.isSame(TokenizerIdentity.UNKNOWN)).isFalse();
    assertThat(known.isSame(byBytes)).isTrue();
    assertThat(new TokenizerIdentity("0", "").isSame(new TokenizerIdentity("1", ""))).isFalse();
  }

  private static TokenizerIdentity of(Consumer<ObjectNode> change) throws IOException {
    ObjectNode root =
        (ObjectNode) JSON.readTree(TinyTokenizer.resource("/tiny-llama/tokenizer.json"));
    change.accept(root);
    return TokenizerIdentity.of(JSON.writeValueAsBytes(root), "changed");
  }
}
