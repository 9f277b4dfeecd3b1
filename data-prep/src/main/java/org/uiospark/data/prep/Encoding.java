package org.uiospark.data.prep;

import java.util.Optional;
import org.uiospark.data.encode.ChatTemplate;
import org.uiospark.data.settings.PrepSettings;
import org.uiospark.model.text.TextTokenizer;

/**
 * How a task makes tokens of documents.
 *
 * @param settings say what the sequences are for and how they are cut
 * @param tokenizer is shared by the tasks of a JVM
 * @param template that messages go through; empty without one
 */
record Encoding(PrepSettings settings, TextTokenizer tokenizer, Optional<ChatTemplate> template) {}
