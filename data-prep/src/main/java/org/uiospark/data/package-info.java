/** Corpora to data sets of token sequences, as a Spark job, and the reader that training uses. */
package org.uiospark.data;
