import os
from flask import Flask
import psycopg2

app = Flask(__name__)

# Get the database connection details from the environment variable
DATABASE_URI = os.getenv('DATABASE_URI', 'postgres://user:password@db/mydb')

@app.route('/')
def hello_world():
    # Connect to the PostgreSQL database
    conn = psycopg2.connect(DATABASE_URI)
    cursor = conn.cursor()

    cursor.execute("SELECT 'Hello from Flask and PostgreSQL!'")
    result = cursor.fetchone()

    conn.close()

    return result[0]

if __name__ == '__main__':
    app.run(host='0.0.0.0', port=5000)
