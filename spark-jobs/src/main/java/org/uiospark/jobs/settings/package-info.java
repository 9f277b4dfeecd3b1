/** Where a setting comes from, and what values it may take. */
package org.uiospark.jobs.settings;
